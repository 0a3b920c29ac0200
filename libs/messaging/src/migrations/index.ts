import { Consumer1795392000001 } from './consumer.migration.ts';
import { Outbox1795392000000 } from './outbox.migration.ts';

/** The tables of outbox and inbox; every service's operator lists them before its own migrations. */
export const messagingMigrations = [Outbox1795392000000, Consumer1795392000001] as const;
