import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

/**
 * kafkajs 2.2.4 looks for throttled requests on every connection 1,000 times a second, for ever, once a first response
 * came: with nothing pending it asks for a timer in the negative past, which Node fires after a millisecond. A look is
 * only needed while a request is pending, and every request that has to wait schedules one itself.
 */
export function quietIdleConnections(): void {
  const { prototype } = RequestQueue;
  if (prototype.scheduleCheckPendingRequests.name === 'scheduleWhilePending') return;
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function scheduleWhilePending() {
    if (this.pending.length > 0) schedule.call(this);
  };
}
