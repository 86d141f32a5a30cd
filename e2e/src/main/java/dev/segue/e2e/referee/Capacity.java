package dev.segue.e2e.referee;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@link Invariant#CAPACITY}. A pod that stopped being ready by itself (it crashed, its node starves) is not missed, nor
 * is one that the test took away; both until the Service has as many endpoints as promised again.
 */
final class Capacity implements Rule {
    /**
     * One Service.
     *
     * @param ready UIDs of the pods behind its ready endpoints
     * @param failed those whose absence is nobody's doing or the test's, since they last were ready endpoints
     */
    private record Account(Set<String> ready, Set<String> failed) {
        private static final Account EMPTY = new Account(Set.of(), Set.of());

        Account fail(String pod) {
            if (!ready.contains(pod)) {
                return this;
            }
            Set<String> more = new HashSet<>(failed);
            more.add(pod);
            return new Account(ready, more);
        }

        Account next(Set<String> now, boolean asPromised) {
            Set<String> left = new HashSet<>(failed);
            left.removeIf(pod -> now.contains(pod) && !ready.contains(pod)); // back again
            if (asPromised) {
                left.retainAll(now);
            }
            return new Account(now, left);
        }

        long missing() {
            return failed.stream().filter(pod -> !ready.contains(pod)).count();
        }
    }

    private final Excuses excuses;
    private final Map<String, Account> accounts = new HashMap<>();

    Capacity(Excuses excuses) {
        this.excuses = excuses;
    }

    @Override
    public List<Violation> check(Change change, World world) {
        switch (change.object()) {
            case Pod pod
            when failedByItself(change) || takenAway(change) ->
                accounts.replaceAll((service, account) -> account.fail(World.uid(pod)));
            case EndpointSlice slice -> {
                return Optional.ofNullable(World.service(slice)).flatMap(s -> count(change, world, s)).stream()
                        .toList();
            }
            default -> {}
        }
        return List.of();
    }

    private static boolean failedByItself(Change change) {
        return change.before() instanceof Pod before
                && change.after() instanceof Pod after
                && World.isReady(before)
                && !World.isReady(after)
                && after.getMetadata().getDeletionTimestamp() == null;
    }

    private boolean takenAway(Change change) {
        return change.deleted() && excuses.cover(Violation.of(Invariant.SERVING_PODS, change, ""));
    }

    private Optional<Violation> count(Change change, World world, String service) {
        Account before = accounts.getOrDefault(service, Account.EMPTY);
        Set<String> now = world.readyEndpoints(service);
        Optional<Running> migration = world.moving(service);
        int promised = migration.map(Running::promised).orElse(0);
        Account after = before.next(now, now.size() >= promised);
        accounts.put(service, after);
        boolean fewer = now.size() < before.ready().size();
        return migration
                .filter(m -> fewer && now.size() + after.missing() < promised)
                .map(m -> new Violation(
                        Invariant.CAPACITY,
                        change.seen().revision(),
                        "Service/" + service,
                        "%d ready endpoint(s) instead of %d during Migration %s"
                                .formatted(now.size(), promised, m.migration())));
    }
}
