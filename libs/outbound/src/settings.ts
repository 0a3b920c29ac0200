import { listOf, setting, settings } from '@gatehouse/config';
import type { ConfigOf } from '@gatehouse/config';
import { z } from 'zod';
import { parseDestination } from './allowed-destinations.ts';
import { isLoopbackAddress } from './public-address.ts';

const destination = z
  .string()
  .refine((text) => parseDestination(text) !== undefined, 'must be hosts, host:port or networks');

/** What a service may call beside public https servers. */
export const outboundSettings = settings(
  {
    OUTBOUND_ALLOWED: setting(listOf(destination).default([]), {
      example: 'keys.internal:8443,10.1.0.0/16',
      description: 'Hosts and networks that URLs of clients may point to although they are not public.',
    }),
  },
  {
    hardening: ({ OUTBOUND_ALLOWED }) =>
      OUTBOUND_ALLOWED.some(allowsThisMachine)
        ? ['OUTBOUND_ALLOWED lets clients point to this machine or to every address']
        : [],
  },
);
export type OutboundSettings = ConfigOf<typeof outboundSettings>;

function allowsThisMachine(text: string): boolean {
  const entry = parseDestination(text);
  if (entry?.kind === 'network') return entry.bits === 0 || isLoopbackAddress(entry.address);
  const host = entry?.host ?? '';
  return host === 'localhost' || host.endsWith('.localhost') || isLoopbackAddress(host.replace(/^\[|\]$/g, ''));
}
