import { stateOf } from './verification-state.ts';

const standing = { confirmed: false, expired: false, wrongCodes: 0 };

test.each([
  ['pending', standing],
  ['pending', { ...standing, wrongCodes: 4 }],
  ['locked', { ...standing, wrongCodes: 5 }],
  ['expired', { ...standing, expired: true, wrongCodes: 5 }],
  ['confirmed', { confirmed: true, expired: true, wrongCodes: 5 }],
] as const)('a flow is %s: %j', (state, flow) => expect(stateOf(flow)).toBe(state));
