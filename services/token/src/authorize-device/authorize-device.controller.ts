import { Controller, Header } from '@nestjs/common';
import { authorizeDevice, type InputOf } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { ClientAuthentication } from '../protocol/client-authentication.ts';
import { TokenLimits } from '../protocol/token-limits.ts';
import { AuthorizeDevice, type DeviceCodes } from './authorize-device.ts';

@Controller()
export class AuthorizeDeviceController {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly limits: TokenLimits,
    private readonly authorizeDevice: AuthorizeDevice,
  ) {}

  @Endpoint(authorizeDevice)
  @Header('cache-control', 'no-store')
  async handle(@Input() { headers, form }: InputOf<typeof authorizeDevice>): Promise<DeviceCodes> {
    const client = await this.clients.authenticate({ ...form, ...headers });
    await this.limits.keeping(authorizeDevice, client);
    return this.authorizeDevice.run(form, client);
  }
}
