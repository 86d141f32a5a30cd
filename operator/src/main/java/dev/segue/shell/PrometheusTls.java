package dev.segue.shell;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Makes what Java needs for TLS out of PEM. */
final class PrometheusTls {
    private static final Pattern PEM_KEY =
            Pattern.compile("-----BEGIN ((?:RSA )?PRIVATE KEY)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

    /** Of PKCS#8 around PKCS#1: version 0, and the algorithm rsaEncryption without parameters. */
    private static final byte[] RSA = HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");

    private static final char[] NO_PASSWORD = new char[0];

    private PrometheusTls() {}

    /** @throws GeneralSecurityException when something in it cannot be used; the message holds nothing of it */
    static SSLContext context(PrometheusAccess.Tls tls) throws GeneralSecurityException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers(tls), trustManagers(tls), null);
            return context;
        } catch (IOException e) {
            throw new GeneralSecurityException("tls cannot be set up", e);
        }
    }

    private static KeyManager @Nullable [] keyManagers(PrometheusAccess.Tls tls)
            throws GeneralSecurityException, IOException {
        if (tls.certificate() == null || tls.key() == null) {
            return null;
        }
        KeyStore store = empty();
        Certificate[] chain =
                certificates("tls.crt of clientCertificate", tls.certificate()).toArray(new Certificate[0]);
        store.setKeyEntry("client", key(tls.key()), NO_PASSWORD, chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static TrustManager[] trustManagers(PrometheusAccess.Tls tls) throws GeneralSecurityException, IOException {
        if (!tls.verified()) {
            return new TrustManager[] {new Unverified()};
        }
        KeyStore store = null; // of Java's own authorities
        if (tls.ca() != null) {
            store = empty();
            int i = 0;
            for (Certificate authority : certificates("ca", tls.ca())) {
                store.setCertificateEntry("ca" + i++, authority);
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        TrustManager[] managers = factory.getTrustManagers();
        return tls.serverName() == null
                ? managers
                : new TrustManager[] {new Named((X509TrustManager) managers[0], tls.serverName())};
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(String what, String pem)
            throws GeneralSecurityException {
        try {
            Collection<? extends Certificate> found = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
            if (!found.isEmpty()) {
                return found;
            }
        } catch (CertificateException e) {
            // told below, without what Java says: it may cite the content
        }
        throw new GeneralSecurityException(what + " holds no certificate in PEM");
    }

    /** RSA, EC or EdDSA in PKCS#8, and RSA in PKCS#1, which is what cert-manager makes by default. */
    private static PrivateKey key(String pem) throws GeneralSecurityException {
        Matcher key = PEM_KEY.matcher(pem);
        if (key.find()) {
            byte[] der = Base64.getMimeDecoder().decode(Objects.requireNonNull(key.group(2)));
            if (Objects.requireNonNull(key.group(1)).startsWith("RSA")) {
                der = der(0x30, RSA, der(0x04, der));
            }
            for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
                try {
                    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
                } catch (InvalidKeySpecException e) {
                    // of another algorithm
                }
            }
        }
        throw new GeneralSecurityException(
                "tls.key of clientCertificate holds no key that can be read: make it PKCS#8 by"
                        + " openssl pkcs8 -topk8 -nodes, or with cert-manager by privateKey.encoding: PKCS8");
    }

    private static byte[] der(int tag, byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(p -> p.length).sum();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >> 8);
            out.write(length);
        }
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    /** Java leaves everything to one of this type, the check of the name too. */
    private static class Unverified extends X509ExtendedTrustManager {
        void check(X509Certificate[] chain, String type) throws CertificateException {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            check(chain, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            check(chain, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            check(chain, type);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            throw new UnsupportedOperationException();
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** Checks the chain as usual, and that the certificate is for this name instead of the URL's host. */
    private static final class Named extends Unverified {
        private static final int DNS_NAME = 2;
        private static final int IP_ADDRESS = 7;

        private final X509TrustManager usual;
        private final String name;

        Named(X509TrustManager usual, String name) {
            this.usual = usual;
            this.name = name.toLowerCase(Locale.ROOT);
        }

        @Override
        void check(X509Certificate[] chain, String type) throws CertificateException {
            usual.checkServerTrusted(chain, type);
            Collection<List<?>> names = chain[0].getSubjectAlternativeNames();
            if (names == null || names.stream().noneMatch(n -> matches((Integer) n.get(0), n.get(1)))) {
                throw new CertificateException("the server's certificate is not for " + name);
            }
        }

        private boolean matches(int kind, Object told) {
            if (kind != DNS_NAME && kind != IP_ADDRESS) {
                return false;
            }
            String other = told.toString().toLowerCase(Locale.ROOT);
            boolean wild = kind == DNS_NAME && other.startsWith("*.") && name.contains(".");
            return wild ? name.substring(name.indexOf('.')).equals(other.substring(1)) : name.equals(other);
        }
    }
}
