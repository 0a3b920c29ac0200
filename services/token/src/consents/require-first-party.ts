import type { Principal } from '@gatehouse/authn';
import { Problem } from '@gatehouse/problem';
import type { Clients } from '../store/clients.ts';

/** What a person allows other clients is nothing that one of those may see or change. */
export async function requireFirstParty(clients: Clients, { clientId }: Principal): Promise<void> {
  const client = clients.remembered(clientId) ?? (await clients.find(clientId));
  if (!client?.firstParty)
    throw new Problem('permission-denied', { detail: 'Only applications of this platform may do this.' });
}
