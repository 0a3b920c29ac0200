import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import {
  clientManage,
  createInitialAccessToken,
  initialAccessTokenCreated,
  type InputOf,
  type OutputOf,
} from '@gatehouse/contracts';
import { Database, uuidv7 } from '@gatehouse/database';
import { Endpoint, Input } from '@gatehouse/http';
import { Outbox } from '@gatehouse/messaging';
import { Clock } from '../clock.ts';
import { hashOf } from '../domain/opaque-token.ts';
import { newToken } from '../protocol/new-token.ts';
import { InitialAccessTokens } from '../store/initial-access-tokens.ts';

@Controller()
export class CreateInitialAccessToken {
  constructor(
    private readonly tokens: InitialAccessTokens,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  @Endpoint(createInitialAccessToken)
  @RequirePermission(clientManage)
  async handle(
    @Input() { json }: InputOf<typeof createInitialAccessToken>,
  ): Promise<OutputOf<typeof createInitialAccessToken>> {
    const { uses, expires_in } = json;
    const [id, token] = [uuidv7(), newToken('initial')];
    const expiresAt = new Date(this.clock.now().getTime() + expires_in * 1_000);
    const expires_at = expiresAt.toISOString();
    await this.database.change([id], async (tx) => {
      await this.tokens.add(tx, { id, tokenHash: hashOf(token), usesLeft: uses, expiresAt });
      await this.outbox.append(tx, initialAccessTokenCreated, { initial_access_token_id: id, uses, expires_at });
    });
    return { id, initial_access_token: token, uses, expires_at };
  }
}
