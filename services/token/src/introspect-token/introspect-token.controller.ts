import { Controller, Header } from '@nestjs/common';
import { introspectToken, type InputOf, type OutputOf } from '@gatehouse/contracts';
import { Endpoint, Input, setAnswerHeader, SignedAnswer } from '@gatehouse/http';
import { OAuthError } from '@gatehouse/problem';
import { prefers } from '../domain/accepted-media-type.ts';
import { ClientAuthentication } from '../protocol/client-authentication.ts';
import { IntrospectToken } from './introspect-token.ts';

@Controller()
export class IntrospectTokenController {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly introspectToken: IntrospectToken,
  ) {}

  @Endpoint(introspectToken)
  @Header('cache-control', 'no-store')
  async handle(
    @Input() { headers, form }: InputOf<typeof introspectToken>,
  ): Promise<OutputOf<typeof introspectToken> | SignedAnswer> {
    setAnswerHeader('vary', 'accept');
    const caller = await this.clients.authenticate({ ...form, ...headers });
    if (form.token === undefined) throw new OAuthError('invalid_request', 'token is missing');
    const introspection = await this.introspectToken.run(form.token, caller);
    if (!prefers(headers.accept, introspectToken.success.jwt)) return introspection;
    return new SignedAnswer(await this.introspectToken.sign(introspection, caller));
  }
}
