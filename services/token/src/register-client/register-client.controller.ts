import { Controller } from '@nestjs/common';
import {
  changeRegistration,
  deleteRegistration,
  readRegistration,
  registerClient,
  type ClientInformation,
  type InputOf,
} from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { ManageRegistration } from './manage-registration.ts';
import { RegisterClient } from './register-client.ts';

@Controller()
export class RegisterClientController {
  constructor(
    private readonly registerClient: RegisterClient,
    private readonly registration: ManageRegistration,
  ) {}

  @Endpoint(registerClient)
  register(@Input() { headers, json }: InputOf<typeof registerClient>): Promise<ClientInformation> {
    return this.registerClient.run(json, headers.authorization);
  }

  @Endpoint(readRegistration)
  read(@Input() input: InputOf<typeof readRegistration>): Promise<ClientInformation> {
    return this.registration.read(presented(input));
  }

  @Endpoint(changeRegistration)
  change(@Input() input: InputOf<typeof changeRegistration>): Promise<ClientInformation> {
    return this.registration.change(presented(input), input.json);
  }

  @Endpoint(deleteRegistration)
  delete(@Input() input: InputOf<typeof deleteRegistration>): Promise<void> {
    return this.registration.remove(presented(input));
  }
}

function presented({ path, headers }: InputOf<typeof readRegistration>) {
  return { clientId: path.client_id, authorization: headers.authorization };
}
