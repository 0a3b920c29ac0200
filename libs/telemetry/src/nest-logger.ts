import { log } from './logging.ts';

type Write = (message: unknown, ...optional: unknown[]) => void;

/** Nest's `LoggerService`, so that the framework's lines are written and redacted like ours. */
export interface NestLogger {
  log: Write;
  error: Write;
  warn: Write;
  debug: Write;
  verbose: Write;
  fatal: Write;
}

/** Nest passes the context last, and for errors the stack before it. */
function writer(level: 'info' | 'error' | 'warn' | 'debug' | 'trace' | 'fatal'): Write {
  return (message, ...optional) => {
    const context = optional.length > 0 ? optional[optional.length - 1] : undefined;
    const stack = optional.length > 1 && typeof optional[0] === 'string' ? optional[0] : undefined;
    const logger = log(typeof context === 'string' ? context : 'nest');
    if (message instanceof Error) logger[level]({ err: message }, message.message);
    else logger[level]({ stack }, typeof message === 'string' ? message : JSON.stringify(message));
  };
}

export const nestLogger: NestLogger = {
  log: writer('debug'),
  error: writer('error'),
  warn: writer('warn'),
  debug: writer('debug'),
  verbose: writer('trace'),
  fatal: writer('fatal'),
};
