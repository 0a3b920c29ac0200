import { z } from 'zod';
import { auditEntry, auditEntryExample, auditLogId, disclosedValue } from '../../audit-entry.ts';
import { defineEndpoint } from '../../define-endpoint.ts';
import { uuid } from '../../input-values.ts';
import { auditRead, auditReadAll } from '../../permissions.ts';

/**
 * One entry with its personal values, each with the salt that proves it. With `org_id` only that organisation's log is
 * there: an entry of another log answers like one that does not exist. The reading itself becomes one entry.
 */
export const readEntry = defineEndpoint({
  id: 'audit-log.read-entry',
  service: 'audit-log',
  method: 'GET',
  path: '/api/v1/audit/entries/{log}/{sequence}',
  access: { permission: auditRead, organization: 'org_id', platformPermission: auditReadAll },
  summary: 'Read one audit entry with its personal values.',
  input: {
    path: z.object({ log: auditLogId, sequence: z.coerce.number().int().min(1) }),
    query: z.strictObject({ org_id: uuid.optional() }),
  },
  success: {
    status: 200,
    body: z.object({ entry: auditEntry, leaf_hash: z.base64url(), disclosed: z.array(disclosedValue) }),
    example: {
      entry: auditEntryExample,
      leaf_hash: 'rCUaJmPGdEsT_2zGA5b29bfmrvn0AWc7Yh1nSHmPPoQ',
      disclosed: [
        {
          pointer: '/origin/ip',
          subject: 'demo',
          salt: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
          value: '192.0.2.7',
        },
      ],
    },
  },
  errors: ['not-found'],
});
