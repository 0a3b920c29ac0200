import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { tokenRevoked } from '@gatehouse/contracts';
import { Database } from '@gatehouse/database';
import { Shutdown } from '@gatehouse/lifecycle';
import { Outbox } from '@gatehouse/messaging';
import { log } from '@gatehouse/telemetry';
import { Clock } from '../clock.ts';
import { ClientRegistry } from '../protocol/client-registry.ts';
import { ClientDocuments } from '../store/client-documents.ts';
import { ExpiredRows } from '../store/expired-rows.ts';
import { RefreshTokenPartitions } from '../store/refresh-token-partitions.ts';
import { Revocations } from '../store/revocations.ts';

const SWEEP_EVERY_MS = 30_000;
const TOMBSTONES_PER_TRANSACTION = 100;
const UNUSED_CLIENT_KEPT_MS = 86_400_000;
const CLIENTS_PER_SWEEP = 100;

/**
 * Takes back what has expired: revocations leave the compacted topic by a tombstone, rows leave the database. Every
 * instance sweeps; what two do at the same time is done once.
 */
@Injectable()
export class SweepExpired implements OnApplicationBootstrap {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly revocations: Revocations,
    private readonly rows: ExpiredRows,
    private readonly documents: ClientDocuments,
    private readonly registry: ClientRegistry,
    private readonly refreshTokens: RefreshTokenPartitions,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly shutdown: Shutdown,
    private readonly clock: Clock,
  ) {}

  /** Nothing is served before there is a place for every refresh token. */
  async onApplicationBootstrap(): Promise<void> {
    await this.refreshTokens.keep(this.clock.now());
    this.shutdown.on('consumers', 'sweep of expired rows', () => {
      clearTimeout(this.timer);
      return this.running;
    });
    this.schedule();
  }

  /** One whole sweep. */
  async run(): Promise<void> {
    while (await this.buryRevocations());
    while (await this.rows.remove(this.clock.now()));
    await this.forgetClients();
    await this.refreshTokens.keep(this.clock.now());
  }

  /** @returns whether there may be more */
  private async buryRevocations(): Promise<boolean> {
    const now = this.clock.now();
    const keys = await this.revocations.expired(now, TOMBSTONES_PER_TRANSACTION);
    if (keys.length === 0) return false;
    await this.database.change(keys, async (tx) => {
      for (const key of await this.revocations.forget(tx, keys, now))
        await this.outbox.appendTombstone(tx, tokenRevoked, key);
    });
    return keys.length === TOMBSTONES_PER_TRANSACTION;
  }

  /** Strangers bring their clients themselves (Client ID Metadata Documents), and bring them again where they are needed. */
  private async forgetClients(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - UNUSED_CLIENT_KEPT_MS);
    for (const id of await this.documents.unused(before, CLIENTS_PER_SWEEP))
      await this.registry.change(id, async (tx, client) => {
        if (client && (await this.documents.isUnused(tx, id, before))) await this.registry.remove(tx, client);
      });
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.running = this.runAndSchedule();
    }, SWEEP_EVERY_MS);
  }

  private async runAndSchedule(): Promise<void> {
    try {
      await this.run();
    } catch (error) {
      log('sweep').warn({ err: error }, 'sweep_failed');
    }
    if (!this.shutdown.stopping) this.schedule();
  }
}
