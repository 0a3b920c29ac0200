import { killPointFromEnvironment } from '@gatehouse/config';

/** Where a crash hurts most: the test of the event history kills each service at each of these. */
export type KillPoint =
  | 'before-commit'
  | 'after-commit-before-publish'
  | 'after-publish-before-mark'
  | 'after-effect-before-offset'
  | 'after-smtp-data-before-record';

const armed = killPointFromEnvironment();
let visits = 0;

/** Ends the process at once, as a power cut would, where this point was armed by configuration; else does nothing. */
export function killPoint(name: KillPoint): void {
  if (armed?.name !== name) return;
  visits += 1;
  if (visits === armed.after) process.kill(process.pid, 'SIGKILL');
}
