import { Controller } from '@nestjs/common';
import { RequirePermission } from '@gatehouse/authorization-client';
import { clientManage, removeClientSecret, type InputOf } from '@gatehouse/contracts';
import { Endpoint, existing, Input, requireVersion } from '@gatehouse/http';
import { Problem } from '@gatehouse/problem';
import { needsSecret } from '../domain/client-change.ts';
import { secretId } from '../domain/client-id.ts';
import { ClientRegistry } from '../protocol/client-registry.ts';

@Controller()
export class RemoveClientSecret {
  constructor(private readonly registry: ClientRegistry) {}

  @Endpoint(removeClientSecret)
  @RequirePermission(clientManage)
  async handle(@Input() { path, headers }: InputOf<typeof removeClientSecret>): Promise<void> {
    await this.registry.change(path.client_id, async (tx, found) => {
      const client = existing(found);
      requireVersion(client, headers);
      const left = client.secretHashes.filter((hash) => secretId(hash) !== path.secret_id);
      if (left.length === client.secretHashes.length) throw new Problem('not-found');
      if (left.length === 0 && needsSecret(client.metadata))
        throw new Problem('conflict', { detail: 'It is the only secret; give the client another one first.' });
      await this.registry.removeSecret(tx, client, path.secret_id);
    });
  }
}
