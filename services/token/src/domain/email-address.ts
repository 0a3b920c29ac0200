/** An address as mail is sent to it, and the key by which spellings that mean the same mailbox are found equal. */
export interface EmailAddress {
  readonly address: string;
  readonly key: string;
}

/** Domains ignore case (RFC 5321 2.4); the local part keeps its spelling but is unique without regard to case. */
export function emailAddress(input: string): EmailAddress {
  const at = input.lastIndexOf('@');
  const address = input.slice(0, at + 1) + input.slice(at + 1).toLowerCase();
  return { address, key: address.toLowerCase() };
}
