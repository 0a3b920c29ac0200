export { OutboundClient } from './outbound-client.ts';
export type { FormAnswer, JsonDocument, OutboundClientOptions, OutboundLimits, Resolve } from './outbound-client.ts';
export { OutboundFailed, OutboundRefused } from './outbound-error.ts';
export { isPublicAddress } from './public-address.ts';
export { outboundSettings } from './settings.ts';
export type { OutboundSettings } from './settings.ts';
