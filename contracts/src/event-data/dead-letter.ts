import { z } from 'zod';

/** Which parked message an event is about. */
export const deadLetterData = z.object({
  dead_letter_id: z.string().describe("the message's id among the parked ones"),
  topic: z.string().describe('where the message came from'),
  partition: z.number().int().nonnegative(),
  offset: z.string().describe('64-bit integer'),
  key: z.string(),
  event_id: z.string().nullable().describe('null where the message names none'),
  error_class: z.string().describe('why it was parked'),
});

export const deadLetterExample: z.output<typeof deadLetterData> = {
  dead_letter_id: '17',
  topic: 'email-verification.verifications',
  partition: 3,
  offset: '1042',
  key: '0198f0c1-7a52-7c3e-9a60-0d6f4d1b2a01',
  event_id: '0198f0c2-7a52-7c3e-9a60-0d6f4d1b2a04',
  error_class: 'UnreadableMessage',
};
