import { Catch } from '@nestjs/common';
import type { RpcExceptionFilter } from '@nestjs/common';
import { throwError } from 'rxjs';
import type { Observable } from 'rxjs';

/**
 * Nest's own filter replaces what a handler threw by "Internal server error", and the decision between pausing and
 * parking needs the original.
 */
@Catch()
export class RethrowOriginalError implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
