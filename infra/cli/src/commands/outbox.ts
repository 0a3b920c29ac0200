import { outboxRebased } from '@gatehouse/contracts';
import { rebaseOutbox } from '@gatehouse/messaging';
import type { Command } from '../command.ts';
import { serviceNamed } from '../operators.ts';
import { withServiceDatabase } from '../service-database.ts';
import { UsageError } from '../usage-error.ts';

export const outboxCommands: readonly Command[] = [
  {
    name: 'outbox rebase',
    synopsis: 'SERVICE --from retained|position',
    summary: 'bind an outbox to its database cluster as it is now',
    description: `For a relay that has stopped because its cursor belongs to another cluster (after a restore) or because a sequence ran
backwards. Readiness and the log name the reason. It binds the cursor to this cluster; the relay then goes on by itself.

--from retained sends everything again that the outbox still holds (at least a day): nothing is missed, and consumers
drop what they know. It is right after every restore. --from position goes on where the cursor stands: only for a relay
that stopped over an order that you have looked into. This is an audited event.`,
    options: { from: { type: 'string' } },
    optionHelp: { '--from WHERE': 'retained or position' },
    maxWords: 1,
    run: async ({ words, options, env, print }) => {
      const service = serviceNamed(words[0]);
      const { from } = options;
      if (from !== 'retained' && from !== 'position') throw new UsageError('Say --from retained or --from position.');
      await withServiceDatabase(service, env, async ({ database, outbox }) => {
        const connection = await database.connect('rebase');
        try {
          const { rowsToSend, rowsRenumbered } = await rebaseOutbox(connection, from);
          await outbox.record(outboxRebased, { from, rows_to_send: rowsToSend, rows_renumbered: rowsRenumbered });
          print(`${service}: the relay goes on with ${rowsToSend} events to send; ${rowsRenumbered} were renumbered`);
        } finally {
          await connection.end();
        }
      });
    },
  },
];
