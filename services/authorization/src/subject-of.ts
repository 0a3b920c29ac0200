import type { Principal } from '@gatehouse/authn';
import type { Subject } from '@gatehouse/contracts';

/** The caller as one who can hold grants. */
export function subjectOf({ kind, id }: Principal): Subject {
  return { type: kind === 'account' ? 'user' : 'client', id };
}
