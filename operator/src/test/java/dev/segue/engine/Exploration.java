package dev.segue.engine;

import dev.segue.api.Phase;
import dev.segue.engine.Sight.Read;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Every state that a migration can get into when it is disturbed so many times, in every way and at every point. From
 * each state there is one way on when nothing disturbs it; it is followed until it comes to a state that is known or
 * comes round to itself, which is an end and is judged. So every state that was seen is known to lead to a good end.
 */
final class Exploration {
    private static final List<Disturbance> WAYS = List.of(Disturbance.values());

    /** Where something can happen: before a look, or in its middle. After it is where the next state is. */
    private static final List<Optional<Read>> POINTS = Stream.concat(
                    Stream.of(Optional.<Read>empty()),
                    Stream.of(Read.values()).filter(r -> r != Read.ENDPOINTS).map(Optional::of))
            .toList();

    private static final int MOST_VIOLATIONS = 40;
    private static final int LONGEST_WAY = 1000;

    /** He who has broken two things hears of the second when the first is repaired. */
    private static final int MOST_REPAIRS = 4;

    private final Supplier<Situation> beginning;
    private final MessageDigest digest;
    private final Known known = new Known();

    /** How each state was come to first: from which, and by what; -1 is by itself. */
    private int[] from = new int[1 << 16];

    private short[] by = new short[1 << 16];

    /** The first trace to each violation. */
    final Map<String, String> violations = new LinkedHashMap<>();

    /** How often each violation was met. */
    final Map<String, Integer> met = new LinkedHashMap<>();

    /** How often each of them happened. */
    final Map<Disturbance, Integer> happened = new EnumMap<>(Disturbance.class);

    /** How many looks named each reason, which was so. */
    final Map<String, Integer> claims = new TreeMap<>();

    /** How many ends of each phase there are; those of a phase that is not terminal are waits for the user. */
    final Map<Phase, Integer> ends = new EnumMap<>(Phase.class);

    Exploration(Supplier<Situation> beginning) {
        this.beginning = beginning;
        try {
            digest = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    int states() {
        return known.size;
    }

    /** @param disturbances how many there are at most on the way to a state */
    Exploration run(int disturbances) {
        List<Situation> layer = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        Situation first = beginning.get();
        follow(first, -1, -1, layer, numbers, disturbances > 0);
        for (int depth = 1; depth <= disturbances; depth++) {
            List<Situation> next = new ArrayList<>();
            List<Integer> nextNumbers = new ArrayList<>();
            for (int i = 0; i < layer.size(); i++) {
                for (int way = 0; way < WAYS.size(); way++) {
                    disturb(layer.get(i), numbers.get(i), way, next, nextNumbers, depth < disturbances);
                }
            }
            layer = next;
            numbers = nextNumbers;
        }
        return this;
    }

    private void disturb(Situation at, int number, int way, List<Situation> kept, List<Integer> numbers, boolean keep) {
        Disturbance what = WAYS.get(way);
        if (!what.counted() || !what.possible(at)) {
            return;
        }
        for (int point = 0; point < (at.looks() && !at.hasHeld() ? POINTS.size() : 1); point++) {
            int step = way + WAYS.size() * point;
            Situation s = new Situation(at);
            Optional<String> broken = happen(s, step);
            if (broken.isPresent()) {
                violated(broken.get(), number, step);
            } else {
                follow(s, number, step, kept, numbers, keep);
            }
        }
    }

    private Optional<String> happen(Situation s, int step) {
        Disturbance what = WAYS.get(step % WAYS.size());
        happened.merge(what, 1, Integer::sum);
        Optional<Read> point = POINTS.get(step / WAYS.size());
        point.ifPresent(s::hold);
        return what.happen(s).or(() -> point.flatMap(_ -> s.lookOn()));
    }

    /** Follows the one way on from this state, and what may happen at each state of it without being counted. */
    private void follow(
            Situation start, int parent, int how, List<Situation> kept, List<Integer> numbers, boolean keep) {
        record Branch(Situation s, int parent, int how) {}
        Deque<Branch> branches = new ArrayDeque<>(List.of(new Branch(start, parent, how)));
        while (!branches.isEmpty()) {
            Branch branch = branches.pop();
            Situation s = branch.s();
            int before = branch.parent();
            int step = branch.how();
            int began = known.size;
            while (true) {
                if (known.size - began > LONGEST_WAY) {
                    violated("goes on for ever", before, step);
                    break;
                }
                int number = add(SituationKey.of(s), before, step);
                if (number < 0) {
                    if (~number >= began) {
                        judge(s, ~number);
                    }
                    break;
                }
                if (keep) {
                    kept.add(new Situation(s));
                    numbers.add(number);
                }
                for (int way = 0; way < WAYS.size(); way++) {
                    Disturbance what = WAYS.get(way);
                    if (what.counted() || !what.possible(s)) {
                        continue;
                    }
                    Situation other = new Situation(s);
                    Optional<String> broken = happen(other, way);
                    if (broken.isPresent()) {
                        violated(broken.get(), number, way);
                    } else {
                        branches.add(new Branch(other, number, way));
                    }
                }
                before = number;
                step = -1;
                Optional<String> broken = goOn(s);
                if (broken.isPresent()) {
                    violated(broken.get(), number, -1);
                    break;
                }
                if (s.claimed != null) {
                    claims.merge(s.claimed, 1, Integer::sum);
                }
            }
        }
    }

    private static Optional<String> goOn(Situation s) {
        try {
            return s.step();
        } catch (RuntimeException e) {
            StackTraceElement at = Arrays.stream(e.getStackTrace())
                    .filter(x -> x.getClassName().startsWith("dev.segue"))
                    .findFirst()
                    .orElseThrow();
            return Optional.of("%s at %s".formatted(e.getClass().getSimpleName(), at));
        }
    }

    // ---- ends ----

    private void judge(Situation end, int number) {
        ends.merge(end.status.phaseOrPending(), 1, Integer::sum);
        Ends.flaw(end)
                .or(() -> healed(end, true, false))
                .or(() -> healed(end, false, true))
                .or(() -> healed(end, true, true))
                .ifPresent(flaw -> violated(flaw, number, -1));
    }

    /** What is wrong with the end that it comes to after the user has repaired what he broke, or deleted the Migration. */
    private static Optional<String> healed(Situation end, boolean repaired, boolean deleted) {
        boolean stuck = end.status.phase() == Phase.Stuck;
        if (end.status.isTerminal() && !deleted && !(stuck && repaired)) {
            return Optional.empty();
        }
        Situation s = new Situation(end);
        s.deleting |= deleted;
        for (int repairs = 0; repairs == 0 || (repaired && repairs < MOST_REPAIRS); repairs++) {
            if (repaired && !s.status.phaseOrPending().over()) {
                Ends.repair(s);
            }
            s.stop();
            Set<String> seen = new HashSet<>();
            while (seen.add(SituationKey.of(s))) {
                Optional<String> broken = goOn(s);
                if (broken.isPresent()) {
                    return broken.map(b -> b + ", after " + healing(repaired, deleted));
                }
            }
        }
        Optional<String> flaw = Ends.flaw(s);
        if (flaw.isEmpty() && repaired && !s.status.phaseOrPending().over()) {
            flaw = Optional.of("does not end in %s/%s".formatted(s.status.phase(), s.status.task()));
        }
        return flaw.map(f -> "%s, after %s from %s/%s"
                .formatted(f, healing(repaired, deleted), end.status.phase(), end.status.task()));
    }

    private static String healing(boolean repaired, boolean deleted) {
        return (repaired ? "a repair" : "") + (repaired && deleted ? " and " : "") + (deleted ? "its deletion" : "");
    }

    // ---- traces ----

    private void violated(String what, int number, int way) {
        met.merge(what, 1, Integer::sum);
        if (violations.containsKey(what)) {
            return;
        }
        violations.put(what, trace(number, way));
        if (violations.size() >= MOST_VIOLATIONS) {
            throw new IllegalStateException("too many violations: " + met);
        }
    }

    private String trace(int number, int way) {
        Deque<Integer> ways = new ArrayDeque<>();
        ways.push(way);
        for (int n = number; from[n] >= 0; n = from[n]) {
            ways.push((int) by[n]);
        }
        Situation s = beginning.get();
        List<String> lines = new ArrayList<>();
        Set<Integer> around = new HashSet<>();
        for (int step : ways) {
            if (step >= 0) {
                lines.add(">   %s%s"
                        .formatted(
                                WAYS.get(step % WAYS.size()),
                                POINTS.get(step / WAYS.size())
                                        .map(" in a look that has read %s"::formatted)
                                        .orElse("")));
                IntStream.range(-2, 3).forEach(i -> around.add(lines.size() - 1 + i));
                happen(s, step);
            } else {
                goOn(s);
            }
            String now = "    " + s.describe();
            if (!now.equals(lines.isEmpty() ? "" : lines.getLast())) {
                lines.add(now);
            }
        }
        IntStream.rangeClosed(1, 4).forEach(i -> around.add(lines.size() - i));
        return IntStream.range(0, lines.size())
                .filter(i -> around.contains(i) || around.contains(i + 1))
                .mapToObj(i -> around.contains(i) ? lines.get(i) : "    …")
                .collect(Collectors.joining("\n", "after %d steps:\n".formatted(lines.size()), ""));
    }

    // ---- states ----

    /** Answers the number of a new state, or the complement of that of a known one. */
    private int add(String key, int parent, int how) {
        ByteBuffer hash = ByteBuffer.wrap(digest.digest(key.getBytes(StandardCharsets.UTF_8)));
        int number = known.add(hash.getLong(), hash.getLong());
        if (number >= 0) {
            if (number == from.length) {
                from = Arrays.copyOf(from, 2 * number);
                by = Arrays.copyOf(by, 2 * number);
            }
            from[number] = parent;
            by[number] = (short) how;
        }
        return number;
    }

    /** A set of 128-bit hashes, numbered in the order in which they came. */
    private static final class Known {
        private long[] hashes = new long[1 << 17];
        private int[] numbers = new int[1 << 16];
        int size;

        int add(long high, long low) {
            if (4 * size > 3 * numbers.length) {
                grow();
            }
            int at = slot(high, low);
            if (numbers[at] > 0) {
                return ~(numbers[at] - 1);
            }
            hashes[2 * at] = high;
            hashes[2 * at + 1] = low;
            numbers[at] = ++size;
            return size - 1;
        }

        private int slot(long high, long low) {
            int at = (int) high & (numbers.length - 1);
            while (numbers[at] > 0 && (hashes[2 * at] != high || hashes[2 * at + 1] != low)) {
                at = (at + 1) & (numbers.length - 1);
            }
            return at;
        }

        private void grow() {
            long[] oldHashes = hashes;
            int[] oldNumbers = numbers;
            hashes = new long[2 * oldHashes.length];
            numbers = new int[2 * oldNumbers.length];
            for (int i = 0; i < oldNumbers.length; i++) {
                if (oldNumbers[i] > 0) {
                    int at = slot(oldHashes[2 * i], oldHashes[2 * i + 1]);
                    hashes[2 * at] = oldHashes[2 * i];
                    hashes[2 * at + 1] = oldHashes[2 * i + 1];
                    numbers[at] = oldNumbers[i];
                }
            }
        }
    }
}
