import { Injectable } from '@nestjs/common';
import { Database } from '@gatehouse/database';
import type { Client } from '../domain/client.ts';
import { Clients } from './clients.ts';

const KEPT_MS = 30_000;
const KEPT_CLIENTS_MAX = 10_000;

/** Remembers each client for half a minute; an unknown id is never remembered, so strangers cannot fill the memory. */
@Injectable()
export class PostgresClients implements Clients {
  private readonly kept = new Map<string, { readonly client: Client; readonly untilMs: number }>();

  constructor(private readonly database: Database) {}

  remembered(id: string): Client | undefined {
    const kept = this.kept.get(id);
    return kept && kept.untilMs > performance.now() ? kept.client : undefined;
  }

  async find(id: string): Promise<Client | null> {
    const [client] = await this.database.query<Client>(
      `SELECT id, version, secret_hash AS "secretHash", redirect_uris AS "redirectUris", grant_types AS "grantTypes", scopes,
              resources
       FROM client WHERE id = $1`,
      [id],
    );
    this.kept.delete(id);
    if (client) this.keep(client);
    return client ?? null;
  }

  private keep(client: Client): void {
    const [oldest] = this.kept.keys();
    if (this.kept.size >= KEPT_CLIENTS_MAX && oldest !== undefined) this.kept.delete(oldest);
    this.kept.set(client.id, { client, untilMs: performance.now() + KEPT_MS });
  }
}
