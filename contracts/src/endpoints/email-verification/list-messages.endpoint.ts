import { z } from 'zod';
import { defineEndpoint } from '../../define-endpoint.ts';
import { pageOf, pageQuery } from '../../paging.ts';
import { mailRead } from '../../permissions.ts';

export const messageState = z.enum(['queued', 'sent', 'failed']);
export type MessageState = z.output<typeof messageState>;

/** What became of each mail, newest first. Ids only: the address is not part of any answer. */
export const listMessages = defineEndpoint({
  id: 'email-verification.list-messages',
  service: 'email-verification',
  method: 'GET',
  path: '/api/v1/messages',
  access: { permission: mailRead },
  summary: 'List mails and what became of them.',
  input: { query: pageQuery.extend({ state: messageState.optional() }) },
  success: {
    status: 200,
    body: pageOf(
      z.object({
        id: z.uuid().describe('also the local part of the Message-ID'),
        flow_id: z.uuid(),
        account_id: z.uuid(),
        address_id: z.uuid(),
        purpose: z.string(),
        state: messageState,
        attempts: z.int().describe('how often it was handed to the mail server'),
        last_reply: z.int().nullable().describe('SMTP reply code of the last refusal'),
        created_at: z.iso.datetime(),
        next_attempt_at: z.iso.datetime().nullable().describe('null once it is sent or failed'),
        ended_at: z.iso.datetime().nullable(),
      }),
    ),
    example: {
      items: [
        {
          id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a05',
          flow_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a03',
          account_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
          address_id: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a02',
          purpose: 'registration',
          state: 'queued',
          attempts: 2,
          last_reply: 450,
          created_at: '2026-01-01T00:00:00.000Z',
          next_attempt_at: '2026-01-01T00:02:00.000Z',
          ended_at: null,
        },
      ],
      next_cursor: null,
    },
  },
  errors: [],
});
