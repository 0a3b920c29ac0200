import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fapi2SecurityProfile } from './fapi2-security-profile.ts';
import { modulesTested } from './module.ts';
import { oidccBackchannelLogout } from './oidcc-backchannel-logout.ts';
import { oidccBasic } from './oidcc-basic.ts';
import { oidccConfig } from './oidcc-config.ts';
import { oidccDynamic } from './oidcc-dynamic.ts';
import { oidccRpInitiatedLogout } from './oidcc-rp-initiated-logout.ts';
import { Provider } from './provider.ts';

let provider: Provider;
const of = () => provider;
beforeAll(async () => {
  provider = await Provider.start();
}, 180_000);
afterAll(() => provider?.stop(), 60_000);

oidccBasic('oidcc-basic-certification-test-plan', of, {});
oidccBasic('oidcc-formpost-basic-certification-test-plan', of, { response_mode: 'form_post' });
oidccConfig(of);
oidccDynamic(of);
oidccRpInitiatedLogout(of);
oidccBackchannelLogout(of);
fapi2SecurityProfile(of);

test('the README lists the modules that are tests here as passed, and no other', () => {
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  const listed: string[] = [];
  let plan = '';
  for (const line of readme.split('\n')) {
    plan = /^## `(.+)`$/.exec(line)?.[1] ?? plan;
    const module = /^\| `(.+?)`\s*\| passed\s*\|/.exec(line)?.[1];
    if (module !== undefined) listed.push(`${plan} ${module}`);
  }
  expect(listed.sort()).toEqual(modulesTested.map((one) => `${one.plan} ${one.module}`).sort());
});
