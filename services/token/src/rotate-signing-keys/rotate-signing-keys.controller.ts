import { Controller } from '@nestjs/common';
import { rotateSigningKeys, type InputOf, type OutputOf } from '@gatehouse/contracts';
import { Endpoint, Input } from '@gatehouse/http';
import { KeyRing } from '../protocol/key-ring.ts';
import { KeyRotation } from '../protocol/key-rotation.ts';

@Controller()
export class RotateSigningKeysController {
  constructor(
    private readonly rotation: KeyRotation,
    private readonly keys: KeyRing,
  ) {}

  @Endpoint(rotateSigningKeys)
  async handle(@Input() { json }: InputOf<typeof rotateSigningKeys>): Promise<OutputOf<typeof rotateSigningKeys>> {
    const activated = await this.rotation.rotate(json.algorithm);
    await this.keys.reload();
    return { activated };
  }
}
