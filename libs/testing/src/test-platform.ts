import { readFileSync } from 'node:fs';
import type { TestPlatform } from '@gatehouse/local-platform';

/**
 * The servers that tests share: those that `GATEHOUSE_TEST_PLATFORM` describes. Jest's global set-up starts a platform
 * and sets the variable where it is absent.
 */
export function testPlatform(): TestPlatform {
  const file = process.env.GATEHOUSE_TEST_PLATFORM;
  if (!file) throw new Error('No test platform: run tests through jest, or set GATEHOUSE_TEST_PLATFORM.');
  return JSON.parse(readFileSync(file, 'utf8')) as TestPlatform;
}
