import { z } from 'zod';
import { auditEntry, auditEntryExample } from '../audit-entry.ts';
import { defineEvent } from '../define-event.ts';
import { auditEntries } from '../topics.ts';

/** An entry is in its log. The canonical JSON of `entry` is the leaf's exact bytes; personal values are not in it. */
export const auditEntryRecorded = defineEvent({
  type: 'audit-entry.recorded',
  version: 1,
  topic: auditEntries,
  summary: 'An entry is in its log.',
  data: z.object({
    entry: auditEntry,
    leaf_hash: z.base64url().describe('SHA-256(0x00 || canonical JSON of the entry), RFC 9162 2.1.1'),
  }),
  key: (data) => data.entry.log,
  examples: [{ entry: auditEntryExample, leaf_hash: 'rCUaJmPGdEsT_2zGA5b29bfmrvn0AWc7Yh1nSHmPPoQ' }],
});
