import { userInfo } from 'node:os';
import type { Variables } from '@gatehouse/config';
import type { EventContext } from '@gatehouse/contracts';

/** Who uses this command, as the audit log will name them: `GATEHOUSE_OPERATOR`, else the user of the operating system. */
export function operatorContext(env: Variables): EventContext {
  return {
    actor_kind: 'operator',
    actor_id: env['GATEHOUSE_OPERATOR'] ?? userInfo().username,
    request_id: null,
    ip: null,
    user_agent: 'gatehouse',
  };
}
