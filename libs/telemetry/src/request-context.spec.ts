import { setTimeout as delay } from 'node:timers/promises';
import { currentContext, runInContext, setActor, setProcessActor } from './index.ts';

const anonymous = {
  actor_kind: 'anonymous',
  actor_id: null,
  request_id: 'r1',
  ip: '192.0.2.7',
  user_agent: 'x',
} as const;

test('outside of any request the service itself acts', () => {
  setProcessActor('token');
  expect(currentContext()).toEqual({ actor_kind: 'service', actor_id: 'token', request_id: null, ip: null, user_agent: null }); // prettier-ignore
});

test('what a request starts runs in its context, side by side with other requests', async () => {
  const ask = (request_id: string, actor: string) =>
    runInContext({ ...anonymous, request_id }, async () => {
      await delay(1);
      setActor('account', actor);
      await delay(1);
      return currentContext();
    });
  const [first, second] = await Promise.all([ask('r1', 'ada'), ask('r2', 'bob')]);
  expect(first).toMatchObject({ request_id: 'r1', actor_kind: 'account', actor_id: 'ada' });
  expect(second).toMatchObject({ request_id: 'r2', actor_kind: 'account', actor_id: 'bob' });
});

test('an actor named outside of a request does not become the service', () => {
  setActor('account', 'ada');
  expect(currentContext().actor_id).toBe('token');
  currentContext().actor_id = 'changed';
  expect(currentContext().actor_id).toBe('token');
});
