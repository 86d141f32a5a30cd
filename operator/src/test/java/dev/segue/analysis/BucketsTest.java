package dev.segue.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class BucketsTest {
    private static final Buckets BUCKETS = Buckets.of(Map.of("0.1", 900.0, "0.5", 990.0, "1", 995.0, "+Inf", 1000.0));

    @Test
    void slowRequestsAreThoseOverTheBound() {
        assertThat(BUCKETS.over(.5)).contains(new Counts(10, 1000));
        assertThat(BUCKETS.over(Double.POSITIVE_INFINITY)).contains(new Counts(0, 1000));
    }

    @Test
    void aBoundThatHasNoBucketIsNotGuessed() {
        assertThat(BUCKETS.over(.3)).isEmpty();
        assertThat(Buckets.of(Map.of("0.5", 990.0)).over(.5))
                .as("all requests are unknown")
                .isEmpty();
    }

    @Test
    void bothWaysToWriteABoundAreTheSame() {
        assertThat(Buckets.of(Map.of("1", 30.0, "1.0", 40.0, "+Inf", 100.0)).over(1))
                .contains(new Counts(30, 100));
        assertThat(Buckets.bound("1e+06")).isEqualTo(1_000_000);
        assertThatThrownBy(() -> Buckets.bound("much")).isInstanceOf(NumberFormatException.class);
    }

    @Test
    void aScrapeInTheMiddleOfAnUpdateHasNoNegativeRequests() {
        assertThat(Buckets.of(Map.of("1", 101.0, "+Inf", 100.0)).over(1)).contains(new Counts(0, 100));
    }
}
