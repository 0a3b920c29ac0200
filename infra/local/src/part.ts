/** A server of the platform that is ready for use. Starting one is an async function; its promise is its readiness. */
export interface RunningPart {
  readonly name: string;
  /** Process id of the server. */
  readonly pid: number;
  /** Settles when the server's process has ended, for whatever reason. */
  readonly exited: Promise<string>;
  /** Ends the server and waits until it is gone. Safe to call twice. */
  stop(): Promise<void>;
}
