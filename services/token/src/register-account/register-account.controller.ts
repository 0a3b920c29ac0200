import { Controller } from '@nestjs/common';
import { registerAccount, type InputOf, type OutputOf } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { RegisterAccount } from './register-account.ts';

@Controller()
export class RegisterAccountController {
  constructor(private readonly registerAccount: RegisterAccount) {}

  @Endpoint(registerAccount)
  async handle(@Input() { json }: InputOf<typeof registerAccount>): Promise<OutputOf<typeof registerAccount>> {
    await this.registerAccount.run({ ...json, locale: json.locale ?? null });
    return { status: 'accepted' };
  }
}
