package dev.segue.e2e.prometheus;

import dev.segue.e2e.cluster.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Issues certificates, by openssl. */
final class Authority {
    private final Path folder;
    private final Commands commands = new Commands(Map.of());

    Authority(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        openssl("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=authority");
    }

    /** @return the path of NAME.crt and NAME.key in this folder without their ends */
    Path issue(String name, String key, String alternativeName) throws IOException {
        Files.writeString(folder.resolve(name + ".ext"), "subjectAltName=" + alternativeName);
        openssl("req -newkey %s -nodes -keyout %s.key -out %s.csr -subj /CN=%s".formatted(key, name, name, name));
        openssl("x509 -req -in %s.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile %s.ext -out %s.crt"
                .formatted(name, name, name));
        return folder.resolve(name);
    }

    /** Rewrites the key of PKCS#8 as PKCS#1. */
    void toPkcs1(String name) {
        openssl("rsa -in %s.key -traditional -out %s.key".formatted(name, name));
    }

    String read(String file) throws IOException {
        return Files.readString(folder.resolve(file));
    }

    private void openssl(String arguments) {
        commands.run("", List.of("sh", "-c", "cd '%s' && openssl %s".formatted(folder, arguments)));
    }
}
