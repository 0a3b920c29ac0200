import { Injectable } from '@nestjs/common';

/** Tells the sender of this process that a message was queued, so that it need not wait for its timer. */
@Injectable()
export class SendSignal {
  #listener: () => void = () => undefined;

  listen(listener: () => void): void {
    this.#listener = listener;
  }

  raise(): void {
    this.#listener();
  }
}
