import { trace } from '@opentelemetry/api';
import { extractTraceparent } from '@gatehouse/telemetry';

/**
 * Links the request being handled to the one that the flow began with. What a person does when the mail has come is a
 * trace of its own, which may be a day younger; the link is how one is found from the other.
 */
export function linkToRequest(traceparent: string | null): void {
  if (!traceparent) return;
  const context = trace.getSpanContext(extractTraceparent({ traceparent }));
  if (context) trace.getActiveSpan()?.addLink({ context, attributes: { 'gatehouse.link': 'flow requested' } });
}
