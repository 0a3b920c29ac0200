import { Controller, Header } from '@nestjs/common';
import { authorizeDevice, type InputOf } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { ClientAuthentication } from '../protocol/client-authentication.ts';
import { AuthorizeDevice, type DeviceCodes } from './authorize-device.ts';

@Controller()
export class AuthorizeDeviceController {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly authorizeDevice: AuthorizeDevice,
  ) {}

  @Endpoint(authorizeDevice)
  @Header('cache-control', 'no-store')
  async handle(@Input() { headers, form }: InputOf<typeof authorizeDevice>): Promise<DeviceCodes> {
    const client = await this.clients.authenticate({ ...form, ...headers });
    return this.authorizeDevice.run(form, client);
  }
}
