import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Resolve } from './index.ts';

/** A self-signed certificate for `keys.test`, until 2126, and its key: the identity of a test's https server. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBljCCATugAwIBAgIUDdg+EXTmTc3B3d8vZdM4Fc9iaiQwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJa2V5cy50ZXN0MCAXDTI2MTEyNTA0MjcyMVoYDzIxMjYxMTAx
MDQyNzIxWjAUMRIwEAYDVQQDDAlrZXlzLnRlc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARl0ecCowl7ENlp6suFNymESajFK70HqfUKn2Dep5x1RiGV996nYxxD
vUgbz3EH/KhjAAqE/0ZbZFpteXCLEWDlo2kwZzAdBgNVHQ4EFgQU+HQtsQwyrMYr
szfb0Bg75f9SDSwwHwYDVR0jBBgwFoAU+HQtsQwyrMYrszfb0Bg75f9SDSwwFAYD
VR0RBA0wC4IJa2V5cy50ZXN0MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwID
SQAwRgIhAKHdVlM35NEZakTMy4G05aJeal36O8vCRPEG4DxtprCMAiEA971E5/sg
xZRTlhFhJ6/sBxZB/r63DezawUeFQD/idrE=
-----END CERTIFICATE-----`;
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgK6ntbIp6OB5qZ1ze
0B4cHopG9cs50U2rE9mSZPBqPJmhRANCAARl0ecCowl7ENlp6suFNymESajFK70H
qfUKn2Dep5x1RiGV996nYxxDvUgbz3EH/KhjAAqE/0ZbZFpteXCLEWDl
-----END PRIVATE KEY-----`;

const open = new Set<Server>();

/** Listens on `host`, at a free port unless told, and resolves with the port; `closeServers` ends it. */
export async function serve(
  handler: RequestListener,
  { host = '127.0.0.1', port = 0, secure = false } = {},
): Promise<number> {
  const server = secure ? createSecureServer({ cert: certificate, key }, handler) : createServer(handler);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  open.add(server);
  return (server.address() as AddressInfo).port; // -- it listens on TCP
}

export async function closeServers(): Promise<void> {
  for (const server of open) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  open.clear();
}

/** The name service of an attacker: each question gets the next of `answers`, and the last one for good. */
export function rebinding(...answers: readonly string[]): Resolve & { readonly questions: () => number } {
  let asked = 0;
  const resolve = () => {
    const address = answers[Math.min(asked, answers.length - 1)] ?? '';
    asked += 1;
    return Promise.resolve([{ address, family: address.includes(':') ? 6 : 4 }]);
  };
  return Object.assign(resolve, { questions: () => asked });
}
