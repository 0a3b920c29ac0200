/** Ends the test platform that the set-up started, if it started one. */
export default async function teardown() {
  await globalThis.stopTestPlatform?.();
}
