import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { addClientSecret, clientManage, type InputOf, type OutputOf } from '@gatehouse/contracts';
import { Endpoint, existing, Input, requireVersion } from '@gatehouse/http';
import { Problem } from '@gatehouse/problem';
import { needsSecret } from '../domain/client-change.ts';
import { secretId } from '../domain/client-id.ts';
import { hashOf } from '../domain/opaque-token.ts';
import { ClientRegistry } from '../protocol/client-registry.ts';

const LIVE_SECRETS_MAX = 2;

@Controller()
export class AddClientSecret {
  constructor(private readonly registry: ClientRegistry) {}

  @Endpoint(addClientSecret)
  @RequirePermission(clientManage)
  handle(@Input() { path, headers }: InputOf<typeof addClientSecret>): Promise<OutputOf<typeof addClientSecret>> {
    return this.registry.change(path.client_id, async (tx, found) => {
      const client = existing(found);
      requireVersion(client, headers);
      if (!needsSecret(client.metadata))
        throw new Problem('conflict', { detail: 'The client proves itself otherwise.' });
      if (client.secretHashes.length >= LIVE_SECRETS_MAX)
        throw new Problem('conflict', { detail: 'The client has two secrets already; remove one first.' });
      const secret = await this.registry.addSecret(tx, client);
      return { id: secretId(hashOf(secret)), client_secret: secret };
    });
  }
}
