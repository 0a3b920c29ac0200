import type { Variables } from '@gatehouse/config';
import type { Database } from '@gatehouse/database';
import type { Outbox } from '@gatehouse/messaging';
import type { Command, Invocation } from '../command.ts';
import { withServiceDatabase } from '../service-database.ts';
import { columns } from '../table.ts';
import { UsageError } from '../usage-error.ts';

/** What the token service lets an operator do with its signing keys. */
interface KeyOperator {
  list(): Promise<readonly SigningKey[]>;
  rotate(algorithm?: string): Promise<readonly { readonly kid: string; readonly algorithm: string }[]>;
  revoke(kid: string): Promise<void>;
}
interface SigningKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly state: string;
  readonly publishedAt: Date;
  readonly activeFrom: Date;
  readonly goneAt: Date | null;
}
interface OperatorModule {
  readonly operateKeys: (database: Database, outbox: Outbox, env: Variables) => KeyOperator;
}

const SETTINGS = 'It needs the SIGNING_* settings of the token service, SIGNING_KEY_ENCRYPTION_KEY above all.';

export const keyCommands: readonly Command[] = [
  {
    name: 'keys list',
    synopsis: '',
    summary: 'list the keys that sign tokens',
    description: `Lists the keys with their states: pre-published (in the JWKS, not signing yet), active, retiring (verifies what it has
signed), gone, revoked. ${SETTINGS}`,
    options: {},
    optionHelp: {},
    maxWords: 0,
    run: (invocation) => withKeys(invocation, async (keys) => invocation.print(tableOf(await keys.list()))),
  },
  {
    name: 'keys rotate',
    synopsis: '[ALGORITHM]',
    summary: 'let the next signing key take over now',
    description: `The next key of ALGORITHM, or of each algorithm, signs from now on; tokens of the last one stay valid. Keys rotate by
themselves, so this is for a change of procedure, not for an emergency: a next key that was published a moment ago is
refused, because clients may not have it yet. Each change is an audited event. ${SETTINGS}`,
    options: {},
    optionHelp: {},
    maxWords: 1,
    run: (invocation) =>
      withKeys(invocation, async (keys) => {
        for (const { kid, algorithm } of await keys.rotate(invocation.words[0]))
          invocation.print(`${algorithm}: ${kid} signs from now on`);
      }),
  },
  {
    name: 'keys revoke',
    synopsis: 'KID',
    summary: 'revoke a signing key with every token of it',
    description: `For an emergency, such as a stolen key. It leaves the JWKS at once, the next key of its algorithm signs, and every
service refuses every token that it has signed, so that whoever holds one has to log in or refresh again. Repeating it
changes nothing. This is an audited event. ${SETTINGS}`,
    options: {},
    optionHelp: {},
    maxWords: 1,
    run: (invocation) =>
      withKeys(invocation, async (keys) => {
        const [kid] = invocation.words;
        if (kid === undefined) throw new UsageError('Say which key: gatehouse keys list shows them.');
        await keys.revoke(kid);
        invocation.print(`${kid} is revoked, and with it every token that it has signed`);
      }),
  },
];

async function withKeys({ env }: Invocation, work: (keys: KeyOperator) => Promise<void>): Promise<void> {
  await withServiceDatabase('token', env, async ({ database, outbox }) => {
    // The name is put together, so that the command has no compile-time dependency on the service; see operators.ts.
    const { operateKeys } = (await import(`@gatehouse/${'token'}/operator`)) as OperatorModule;
    await work(operateKeys(database, outbox, env));
  });
}

function tableOf(keys: readonly SigningKey[]): string {
  const header = ['KID', 'ALGORITHM', 'STATE', 'PUBLISHED', 'SIGNS FROM', 'GONE'];
  const rows = keys.map(({ kid, algorithm, state, publishedAt, activeFrom, goneAt }) => [
    kid,
    algorithm,
    state,
    publishedAt.toISOString(),
    activeFrom.toISOString(),
    goneAt?.toISOString() ?? '-',
  ]);
  return columns([header, ...rows]);
}
