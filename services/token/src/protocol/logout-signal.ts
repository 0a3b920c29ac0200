import { Injectable } from '@nestjs/common';

/** Says to this process' own sender that there are notices of logouts to deliver; other instances find out by polling. */
@Injectable()
export class LogoutSignal {
  private listener: (() => void) | undefined;

  listen(listener: () => void): void {
    this.listener = listener;
  }

  send(): void {
    this.listener?.();
  }
}
