import { defineEndpoint } from '@gatehouse/contracts';
import { Endpoint } from '@gatehouse/http';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { CurrentPrincipal, type Principal } from './index.ts';

const base = { service: 'token', access: 'authenticated', summary: 'Of this test.', input: {}, errors: [] } as const;
const who = { status: 200, body: z.object({ id: z.string() }) };
export const readIt = defineEndpoint({
  ...base,
  id: 'token.read-it',
  method: 'GET',
  path: '/api/v1/it',
  success: who,
  input: { query: z.object({ page: z.string().optional() }) },
});
export const writeIt = defineEndpoint({
  ...base,
  id: 'token.write-it',
  method: 'POST',
  path: '/api/v1/it',
  success: who,
});
export const signIt = defineEndpoint({
  ...base,
  id: 'token.sign-it',
  method: 'POST',
  path: '/api/v1/it/signature',
  authentication: { acrValues: ['mfa', 'phr'], maxAgeSeconds: 600 },
  success: who,
});

@Controller()
export class ItController {
  @Endpoint(readIt)
  read(@CurrentPrincipal() { id }: Principal) {
    return { id };
  }

  @Endpoint(writeIt)
  write(@CurrentPrincipal() { id }: Principal) {
    return { id };
  }

  @Endpoint(signIt)
  sign(@CurrentPrincipal() { id }: Principal) {
    return { id };
  }
}
