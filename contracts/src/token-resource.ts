import { z } from 'zod';
import { clientId, text, url } from './input-values.ts';

/** A resource travels in its events, whose size is bounded. */
const DESCRIPTION_CHARACTERS_MAX = 32_768;

const once = (names: readonly string[]) => new Set(names).size === names.length;
const named = <T extends { readonly name: string }>(list: readonly T[]) => once(list.map(({ name }) => name));
const ONCE = 'must name each one once';

/** Short, since clients' policies and permissions (`token-exchange:<name>`) name resources by it. */
export const resourceName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be up to 63 lower-case letters, digits and hyphens, a letter first');

const scope = z.strictObject({
  name: z
    .string()
    .max(200)
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be a scope (RFC 6749 3.3)'),
  description: text(200).default('').describe('what it means to a person, as the page for consent says it'),
});

const member = z.strictObject({
  name: z
    .string()
    .max(100)
    .regex(/^[A-Za-z][A-Za-z0-9_.-]*$/, 'must be a letter with letters, digits, and _ . - after it')
    .refine((name) => name !== 'type' && name !== 'locations', 'is a member of every type'),
  required: z.boolean().default(false),
});
const scalar = z.discriminatedUnion('kind', [
  member.extend({
    kind: z.enum(['text', 'texts']).describe('one text, or a list of texts'),
    values: z.array(text(200)).min(1).max(50).refine(once, ONCE).optional().describe('the only ones that it may be'),
  }),
  member.extend({ kind: z.enum(['number', 'boolean']) }),
]);

/** What authorization details of one type look like (RFC 9396 2). Every member that may be there is listed. */
export const authorizationDetailsType = z.strictObject({
  type: text(200).min(1).describe('its identifier, which no other resource has'),
  description: text(200).min(1).describe('what it means to a person, as the page for consent says it'),
  members: z
    .array(
      z.union([
        scalar,
        member.extend({ kind: z.literal('object'), members: z.array(scalar).min(1).max(20).refine(named, ONCE) }),
      ]),
    )
    .max(30)
    .refine(named, ONCE)
    .default([])
    .describe('beside `type`, and `locations` below the URL of the resource (RFC 9396 2.2)'),
});
export type AuthorizationDetailsType = z.output<typeof authorizationDetailsType>;

/** A service that tokens can be issued for (RFC 8707), beside Gatehouse's own endpoints. */
export const resourceDescription = z.strictObject({
  url: url(/^https?$/).describe('its identifier, which clients send as `resource`, and the audience of its tokens'),
  client_id: clientId
    .min(1)
    .nullable()
    .default(null)
    .describe('the client that the service itself is: it may introspect and exchange tokens that are for it'),
  scopes: z
    .array(scope)
    .max(100)
    .refine(named, ONCE)
    .nullable()
    .default(null)
    .describe('tokens for it carry these only, and those of Gatehouse itself; null for any that their client may have'),
  authorization_details_types: z
    .array(authorizationDetailsType)
    .max(20)
    .refine((types) => once(types.map(({ type }) => type)), ONCE)
    .default([])
    .describe('RFC 9396'),
});
export type ResourceDescription = z.output<typeof resourceDescription>;

const short = (description: unknown) => JSON.stringify(description).length <= DESCRIPTION_CHARACTERS_MAX;
export const changedResource = resourceDescription.refine(short, 'is too long as a whole');
export const addedResource = resourceDescription.extend({ name: resourceName }).refine(short, 'is too long as a whole');

export const resourceDescriptionExample: ResourceDescription = {
  url: 'https://payments.example.com',
  client_id: null,
  scopes: [{ name: 'accounts:read', description: 'see your accounts and their balances' }],
  authorization_details_types: [
    {
      type: 'payment_initiation',
      description: 'start a payment',
      members: [
        { name: 'creditorName', kind: 'text', required: true },
        {
          name: 'instructedAmount',
          kind: 'object',
          required: true,
          members: [
            { name: 'currency', kind: 'text', required: true, values: ['EUR', 'CHF'] },
            { name: 'amount', kind: 'text', required: true },
          ],
        },
      ],
    },
  ],
};

/** As events tell it. */
export const resourceData = resourceDescription.extend({ name: resourceName }).strip();
export const resourceDataExample = { name: 'payments', ...resourceDescriptionExample };
