import type { TokenResource } from '@gatehouse/contracts';
import type { ResourceRecord } from '../store/resources.ts';

/** As the API shows it. */
export function resourceRepresentation({ createdAt, updatedAt, ...resource }: ResourceRecord): TokenResource {
  return { ...resource, created_at: createdAt.toISOString(), updated_at: updatedAt.toISOString() };
}
