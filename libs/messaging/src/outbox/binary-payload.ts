/** Header of an outbox row whose payload is base64: the relay sends the bytes, and not this header. */
export const BASE64_PAYLOAD = 'gatehouse-base64-payload';
