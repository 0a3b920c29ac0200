import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

const { prototype } = RequestQueue;
const schedule = prototype.scheduleCheckPendingRequests;

function scheduleWhilePending(this: RequestQueue): void {
  if (this.pending.length > 0) schedule.call(this);
}

/**
 * kafkajs 2.2.4 looks for throttled requests on every connection 1,000 times a second, for ever, once a first response
 * came: with nothing pending it asks for a timer in the negative past, which Node fires after a millisecond. A look is
 * only needed while a request is pending, and every request that has to wait schedules one itself. `quiet: false` gives
 * kafkajs its own way back.
 */
export function quietIdleConnections({ quiet = true } = {}): void {
  prototype.scheduleCheckPendingRequests = quiet ? scheduleWhilePending : schedule;
}
