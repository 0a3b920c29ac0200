import type { InputOf } from '@gatehouse/contracts';
import { Problem } from '@gatehouse/problem';
import { log } from '@gatehouse/telemetry';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Endpoint, Input } from './index.ts';
import { endpoint, startTestService } from './test-service.spec-support.ts';

const careless = endpoint({
  method: 'POST',
  path: '/login/{token}',
  input: { path: z.object({ token: z.string() }), query: z.object({ code: z.string() }), json: z.object({ password: z.string(), refresh_token: z.string() }) }, // prettier-ignore
});

/** Does everything with secrets that a handler should not. */
@Controller()
class CarelessController {
  @Endpoint(careless)
  handle(@Input() input: InputOf<typeof careless>) {
    log('careless').info({ input, headers: { authorization: jwt, cookie: 'sid=s3ss10n-cookie' } }, 'login_attempted');
    log('careless').info(`body was ${JSON.stringify(JSON.stringify(input))}`);
    throw new Problem('internal-error', { cause: new Error(`could not use ${input.json.refresh_token} of ${jwt}`) });
  }
}

const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ';
const secrets = { password: 'c0rrect horse "battery"', code: '493021', token: 'gh_link_5Zk2mQ8vT1xR7yL0', refresh: 'gh_refresh_9Xw3nP7uS2' }; // prettier-ignore

test('nothing secret that a client sends can be found in the whole log of its request', async () => {
  const service = await startTestService({ controllers: [CarelessController], endpoints: [careless] });
  await service.send({
    method: 'POST',
    path: `/login/${secrets.token}?code=${secrets.code}`,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${jwt}`, cookie: 'sid=s3ss10n-cookie' },
    body: JSON.stringify({ password: secrets.password, refresh_token: secrets.refresh }),
  });
  await service.close();
  const lines = service.log.join('');
  const names = service.log.map((line) => (JSON.parse(line) as { message: string }).message);
  expect(names).toEqual(expect.arrayContaining(['login_attempted', 'request_failed', 'request_completed']));
  for (const secret of ['c0rrect', 'battery', secrets.code, secrets.token, secrets.refresh, jwt, 's3ss10n-cookie'])
    expect(lines).not.toContain(secret);
});
