import type { Suite } from '@gatehouse/testing';
import type { Destination } from '../journeys/journey.ts';
import type { Mailbox } from '../journeys/mailbox.ts';

/** The suite's services, on their reserved ports, as a destination of the journey. */
export function destinationOf(suite: Suite): Destination {
  const client = (id: string) => {
    const found = suite.seed.clients.find((candidate) => candidate.id === id);
    if (!found) throw new Error(`the suite has no client ${id}`);
    return { id, secret: found.secret, redirect_uri: found.redirect_uris[0] ?? '' };
  };
  return {
    issuer: suite.url('token'),
    services: {
      token: { url: suite.url('token') },
      authorization: { url: suite.url('authorization') },
      'audit-log': { url: suite.url('audit-log') },
      'email-verification': { url: suite.url('email-verification') },
    },
    clients: { demo: client('demo'), admin: client('admin') },
  };
}

/** What arrived in the suite's mail server. */
export function sinkMailbox(suite: Suite): Mailbox {
  return { newest: (address) => Promise.resolve(suite.smtp.mailsTo(address).at(-1)) };
}
