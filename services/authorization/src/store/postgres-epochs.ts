import { Injectable } from '@nestjs/common';
import { PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';
import type { RaisedEpochs } from '@gatehouse/contracts';
import type { Tx } from '@gatehouse/database';
import { Epochs } from './epochs.ts';
import type { Concerns } from './epochs.ts';

const RAISE_CATALOG = 'UPDATE catalog_epoch SET epoch = epoch + 1 RETURNING epoch';
const RAISE_ORGANIZATION = `
  INSERT INTO organization_epoch AS e (organization_id, epoch) VALUES ($1, 1)
  ON CONFLICT (organization_id) DO UPDATE SET epoch = e.epoch + 1 RETURNING epoch`;
const RAISE_SUBJECT = `
  INSERT INTO subject_epoch AS e (organization_id, subject_type, subject_id, epoch) VALUES ($1, $2, $3, 1)
  ON CONFLICT (organization_id, subject_type, subject_id) DO UPDATE SET epoch = e.epoch + 1 RETURNING epoch`;

@Injectable()
export class PostgresEpochs extends Epochs {
  async raise(tx: Tx, organizationId: string, { catalog, organization, subject }: Concerns): Promise<RaisedEpochs> {
    const everybody = catalog || organizationId === PLATFORM_ORGANIZATION_ID;
    return {
      ...(everybody && { catalog: await epochOf(tx, RAISE_CATALOG, []) }),
      ...(organization && { organization: await epochOf(tx, RAISE_ORGANIZATION, [organizationId]) }),
      ...(subject && { subject: await epochOf(tx, RAISE_SUBJECT, [organizationId, subject.type, subject.id]) }),
    };
  }
}

async function epochOf(tx: Tx, sql: string, parameters: unknown[]): Promise<number> {
  const [row] = await tx.query<{ epoch: string }>(sql, parameters);
  return Number(row?.epoch);
}
