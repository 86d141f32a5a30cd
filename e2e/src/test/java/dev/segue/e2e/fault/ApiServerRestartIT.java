package dev.segue.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.segue.e2e.fault.Station.Stay;
import dev.segue.e2e.stage.Migrations;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The API server is killed and started again, once, while there is a migration at each of these {@link Stations}. The
 * referee judges until then: its watches end with the API server.
 */
@Tag("long")
@ExtendWith(LabExtension.class)
@Isolated("ends the API server")
class ApiServerRestartIT {
    /** Longer than it takes until the last one is there: half a minute. */
    private static final int STAY_SECONDS = 90;

    /** Those that wait for nobody. The drain of a handover comes after another one, when the others would be over. */
    private static final List<Station> STATIONS = Stations.all(STAY_SECONDS).stream()
            .filter(station -> !(station.stay() instanceof Stay.Deed))
            .filter(station -> !station.name().equals("settle"))
            .toList();

    private static final SideBySide RUNS = new SideBySide(STATIONS.size());

    @AfterAll
    static void close() {
        RUNS.close();
    }

    @TestFactory
    List<DynamicTest> apiServerRestarted(Labs labs) {
        var allAreThere = new CyclicBarrier(STATIONS.size());
        var allAreLookedAt = new CyclicBarrier(STATIONS.size(), labs::restartApiServer);
        return STATIONS.stream()
                .map(station -> RUNS.begin(
                        labs,
                        new Experiment(
                                "restart-" + station.name(),
                                "the API server is restarted in " + station.task(),
                                lab -> {
                                    lab.start();
                                    station.enter(lab);
                                    await(allAreThere);
                                    assertThat(station.holds(
                                                    lab.migration(Lab.MIGRATION).require()))
                                            .as("it is still there")
                                            .isTrue();
                                    lab.judgeForTheLastTime();
                                    await(allAreLookedAt);
                                    lab.expectEnd(Lab.MIGRATION, station.end());
                                    lab.expectNothingLeft();
                                })))
                .toList();
    }

    private static void await(CyclicBarrier barrier) throws Exception {
        barrier.await(Migrations.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}
