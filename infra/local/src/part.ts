import type { Processes } from './processes.ts';

/** A server of the platform that is ready for use. Starting one is an async function; its promise is its readiness. */
export interface RunningPart {
  readonly name: string;
  /** Process id of the server. */
  readonly pid: number;
  /** Settles with a sentence's end when the server's process has ended, for whatever reason. */
  readonly exited: Promise<string>;
  /** Ends the server and waits until it is gone. Safe to call twice. */
  stop(): Promise<void>;
}

/** Where a part keeps its things. */
export interface Place {
  /** Data and configuration; made where missing, readable by the server's user only. */
  readonly home: string;
  readonly logFile: string;
  /** Jars, shared by all platforms of this workspace. */
  readonly downloads: string;
  readonly processes: Processes;
  /** Told what takes long, such as a first download. */
  readonly announce?: (what: string) => void;
  /** Trades durability and history for speed. */
  readonly forTests?: boolean;
}
