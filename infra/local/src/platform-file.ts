import { renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Service } from '@gatehouse/contracts';

/** `.gatehouse/platform.json`: what scripts and tools in any language need to use the running platform. */
export interface PlatformFile {
  readonly issuer: string;
  readonly services: Readonly<Record<Service, { readonly url: string; readonly admin: string; readonly pid: number }>>;
  readonly clients: {
    readonly demo: { readonly id: string; readonly secret: string; readonly redirect_uri: string };
    readonly admin: { readonly id: string; readonly secret: string };
  };
  readonly users: {
    readonly demo: { readonly id: string; readonly org_id: string; readonly email: string; readonly password: string };
  };
  /** A principal that may read every topic and write none. */
  readonly kafka: {
    readonly brokers: string;
    readonly mechanism: string;
    readonly username: string;
    readonly password: string;
  };
  readonly redis: { readonly cache: { readonly url: string }; readonly state: { readonly url: string } };
  readonly postgres: Readonly<Record<Service, string>>;
  readonly smtp: { readonly url: string };
  readonly mail: { readonly url: string | null };
  readonly traces: { readonly url: string | null };
}

/** Writes the file in one step, readable by its owner only. */
export function writePlatformFile(file: string, platform: PlatformFile): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(platform, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function removePlatformFile(file: string): void {
  rmSync(file, { force: true });
}
