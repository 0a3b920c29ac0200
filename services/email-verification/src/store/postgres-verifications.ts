import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '@gatehouse/database';
import type { Proof } from '../domain/credentials.ts';
import {
  MESSAGES_MAX,
  RESEND_PAUSE_SECONDS,
  VALID_MESSAGES_MAX,
  WRONG_CODES_MAX,
} from '../domain/verification-state.ts';
import { Verifications, type CodeAttempt, type Flow, type NewFlow } from './verifications.ts';

const FIND = `
  SELECT id, purpose, account_id AS "accountId", address_id AS "addressId", traceparent,
    confirmed_at IS NOT NULL AS confirmed, wrong_codes AS "wrongCodes",
    NOT EXISTS (SELECT FROM message WHERE flow_id = f.id AND expires_at > now()) AS expired
  FROM verification_flow f WHERE id = $1`;

/** The challenges of flow $1 that still confirm it. */
const VALID_CHALLENGES = `
  SELECT c.code_proof, c.link_proof
  FROM (SELECT * FROM challenge WHERE flow_id = $1 ORDER BY message_id DESC LIMIT ${VALID_MESSAGES_MAX}) c
  JOIN message m ON m.id = c.message_id WHERE m.expires_at > now()`;

@Injectable()
export class PostgresVerifications implements Verifications {
  constructor(private readonly database: Database) {}

  async start(tx: Tx, flow: NewFlow): Promise<boolean> {
    const started = await tx.query(
      `INSERT INTO verification_flow (id, purpose, account_id, address_id, email, locale, traceparent, next_resend_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => ${RESEND_PAUSE_SECONDS}))
       ON CONFLICT (id) DO NOTHING RETURNING id`,
      [flow.id, flow.purpose, flow.accountId, flow.addressId, flow.email, flow.locale, flow.traceparent],
    );
    return started.length > 0;
  }

  async find(flowId: string, tx?: Tx): Promise<Flow | null> {
    const [flow] = await (tx ?? this.database).query<Flow>(FIND, [flowId]);
    return flow ?? null;
  }

  async confirmByCode(tx: Tx, flowId: string, proof: Proof): Promise<CodeAttempt> {
    const [flow] = await tx.query<{ confirmed: boolean; wrongCodes: number }>(
      `WITH matching AS (SELECT FROM (${VALID_CHALLENGES}) valid WHERE code_proof = $2)
       UPDATE verification_flow SET
         confirmed_at = CASE WHEN EXISTS (SELECT FROM matching) THEN now() END,
         wrong_codes = wrong_codes + CASE WHEN EXISTS (SELECT FROM matching) THEN 0 ELSE 1 END
       WHERE id = $1 AND confirmed_at IS NULL AND wrong_codes < ${WRONG_CODES_MAX}
         AND EXISTS (SELECT FROM message WHERE flow_id = $1 AND expires_at > now())
       RETURNING confirmed_at IS NOT NULL AS confirmed, wrong_codes AS "wrongCodes"`,
      [flowId, proof],
    );
    if (!flow) return { result: 'unchanged' };
    return flow.confirmed ? { result: 'confirmed' } : { result: 'wrong', wrongCodes: flow.wrongCodes };
  }

  async confirmByLink(tx: Tx, flowId: string, proof: Proof): Promise<boolean> {
    const confirmed = await tx.query(
      `UPDATE verification_flow SET confirmed_at = now()
       WHERE id = $1 AND confirmed_at IS NULL AND EXISTS (SELECT FROM (${VALID_CHALLENGES}) valid WHERE link_proof = $2)
       RETURNING id`,
      [flowId, proof],
    );
    return confirmed.length > 0;
  }

  async takeResend(tx: Tx, flowId: string): Promise<boolean> {
    const taken = await tx.query(
      `UPDATE verification_flow SET messages = messages + 1,
         next_resend_at = now() + make_interval(secs => ${RESEND_PAUSE_SECONDS} * 2 ^ messages)
       WHERE id = $1 AND confirmed_at IS NULL AND next_resend_at <= now() AND messages < ${MESSAGES_MAX}
       RETURNING id`,
      [flowId],
    );
    return taken.length > 0;
  }
}
