// openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost
//   -addext subjectAltName=DNS:localhost -not_before 20200101000000Z -not_after 20200201000000Z
// Older releases of OpenSSL cannot make one that has expired.

/** A certificate for localhost that has expired in 2020, which is its own authority. */
export const expiredCertificate = {
  certificate: `-----BEGIN CERTIFICATE-----
MIIBmjCCAT+gAwIBAgIULd3d7wawGJ2zEOq/cpoJzIFul2cwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MB4XDTIwMDEwMTAwMDAwMFoXDTIwMDIwMTAw
MDAwMFowFDESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEeAX5aZk2fPrVPUE03RDqggdxE98KwDG0iA06EL/RtLaEL5ps/6ObUOZ0
Gqlmh7WlvwB9srh9BGrQ/XkMP/RovaNvMG0wHQYDVR0OBBYEFA/qO7iCz9lgSMy5
d1BYXNtNo+7zMB8GA1UdIwQYMBaAFA/qO7iCz9lgSMy5d1BYXNtNo+7zMA8GA1Ud
EwEB/wQFMAMBAf8wGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMAoGCCqGSM49
BAMCA0kAMEYCIQC1fD6xRh7QfAm4Y/Y/lXWXy6lAVcfcCifYMZCtuybybQIhAPuZ
XwTnLcEBd9HWndaBv0qVvR84ILYdvke9FIAgTEbi
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgr1IEhWGx6l4ELY1O
8jzLOGBZqI2qghRhQeQo16u+it+hRANCAAR4BflpmTZ8+tU9QTTdEOqCB3ET3wrA
MbSIDToQv9G0toQvmmz/o5tQ5nQaqWaHtaW/AH2yuH0EatD9eQw/9Gi9
-----END PRIVATE KEY-----
`,
}
